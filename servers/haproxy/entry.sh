# Serves the sites that HAProxy takes, and says which it refuses and why.
echo trustrig-starting
mkdir -p /tmp/sites
for site in /srv/sites/*; do
	name=${site##*/}
	if said=$(haproxy -c -f /srv/haproxy.cfg -f "$site/site.cfg" 2>&1); then
		cp "$site/site.cfg" "/tmp/sites/$name.cfg"
	else
		echo "trustrig-refused $name $(echo "$said" | grep -m 1 ALERT)"
	fi
done
exec haproxy -W -db -f /srv/haproxy.cfg -f /tmp/sites 2>&1
