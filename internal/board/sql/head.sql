SELECT revision FROM bando.head
