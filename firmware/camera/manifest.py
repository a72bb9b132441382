# What is frozen in. A camera has more (ssl, ntptime, requests), which the
# emulator supplies alike to every firmware that lacks it.
include("$(MPY_DIR)/extmod/asyncio")
