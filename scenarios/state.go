package scenarios

import "trustrig/harness"

// stateScenarios put the device into a state that a port may forget about:
// just after a soft reset, and short of memory.
func stateScenarios(all []harness.Scenario) ([]harness.Scenario, error) {
	var out []harness.Scenario
	for _, kind := range []string{"after-soft-reset", "short-of-memory"} {
		rows, err := again(all, []string{goodScenario, attackScenario}, kind+"/", func(s *harness.Scenario) {
			s.Client = kind
		})
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
