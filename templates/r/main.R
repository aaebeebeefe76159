# Serve the page until told to stop.
for (file in list.files("R", full.names = TRUE)) source(file, encoding = "UTF-8")
port <- as.integer(Sys.getenv("PORT", "8080"))
message("listening on port ", port)
# all addresses: a forwarded port does not arrive on the box's loopback
httpuv::runServer("0.0.0.0", port, list(call = answer))
