# Every name is at 127.0.0.1, as far as this DNS knows. Chance is turned off:
# Pebble would reject nonces and sleep at random.
pebble-challtestsrv -dns01 "$DNS" -management "$DNS_MANAGEMENT" -defaultIPv4 127.0.0.1 -defaultIPv6 "" \
	-http01 "" -https01 "" -tlsalpn01 "" -doh "" 2>&1 &
export PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
exec pebble -config /srv/pebble.json -strict -dnsserver "$DNS" 2>&1
