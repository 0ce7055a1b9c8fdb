"""The robot link: protocol, transport, security and gateway server."""
