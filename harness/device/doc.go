// Package device drives a MicroPython device, real or emulated, through its
// serial port: it runs source, puts and gets files and sets the clock.
package device
