package scenarios

import "trustrig/harness"

// sniScenarios are about the name that the server sees.
func sniScenarios() []harness.Scenario {
	address := "127.0.0.1"
	return []harness.Scenario{
		complete(harness.Scenario{
			Name: "sni/several-certificates", Claims: []string{"C12"}, Recipe: "wrong-name-ecdsa",
			ByName: map[string]string{serverName: goodRecipe},
			Why:    "a server whose default certificate is for another name, and that has the right one for this SNI",
			Expect: accept(`the manual: server_hostname "drives SNI"; RFC 6066 3`),
			Controls: []harness.Control{{
				Name: "wrong-name-ecdsa/root/CERT_REQUIRED", Shows: "without SNI the server would present the wrong certificate, which is rejected",
			}},
		}),
		complete(harness.Scenario{
			Name: "sni/address", Claims: []string{"C12"}, Recipe: "ip-v4-ecdsa", ServerName: address, SNI: harness.SNINone,
			Why:    "an IP address as server_hostname: no SNI may be sent",
			Expect: accept(`RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted in HostName"`),
			Controls: []harness.Control{{
				Name: "ip-v4-ecdsa/root/127.0.0.2/CERT_REQUIRED", Shows: "the device verifies this chain at all",
			}},
		}),
	}
}
