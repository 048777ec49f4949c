-- Makes room for the next rows of the transaction.
TRUNCATE pg_temp.bando_staged
