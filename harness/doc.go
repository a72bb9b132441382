// Package harness holds the words of trustrig as types, the judge, and the
// runner that ties a server, a device and a scenario into a verdict.
//
// A device is held against a [Scenario]. What the device reports is an
// [Outcome]; what the server saw of the same connection is a [Sighting]; a
// [Control] shows that the scenario could have gone the other way. [Judge],
// a pure function, makes a [Verdict] of the four.
//
// The package knows neither a particular server nor a particular scenario.
package harness
