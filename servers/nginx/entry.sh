# Serves the sites that nginx takes, and says which it refuses and why.
echo trustrig-starting
mkdir -p /tmp/sites
for site in /srv/sites/*; do
	name=${site##*/}
	if said=$(nginx -t -c "$site/check.conf" 2>&1); then
		cp "$site/site.conf" "/tmp/sites/$name.conf"
	else
		echo "trustrig-refused $name $(echo "$said" | grep -m 1 emerg)"
	fi
done
# One stream, so that the two logs keep their order.
exec nginx -c /srv/nginx.conf 2>&1
