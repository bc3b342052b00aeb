//go:build tools

// Package peers pins the Go programs that the tests talk to; tests/peers/install builds them.
package peers

import _ "github.com/open-policy-agent/opa/cmd"
