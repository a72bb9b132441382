# Mosquitto has no check of its configuration; a site that it does not take
# ends it, with the reason in its last lines.
echo trustrig-starting
exec mosquitto -c /srv/mosquitto.conf 2>&1
