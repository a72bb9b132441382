# Runs a gnutls-serv for each site, and puts the site's name before its lines,
# each of which the shell writes as a whole.
echo trustrig-starting
for site in /srv/sites/*; do
	name=${site##*/}
	priority=NORMAL
	case $name in *-tls12) priority=NORMAL:-VERS-TLS1.3 ;; esac
	{
		gnutls-serv --echo --disable-client-cert --nodb --noticket --quiet --priority "$priority" \
			--x509certfile "$site/chain.pem" --x509keyfile "$site/key.pem" -p "$(cat "$site/port")" </dev/null 2>&1
		echo trustrig-ended
	} | {
		last=
		while IFS= read -r line; do
			[ "$line" = trustrig-ended ] && line="$line $last"
			printf 'trustrig-said %s %s\n' "$name" "$line"
			last=$line
		done
	} &
done
wait
