-- Looks at what turned out to be no booking leave nothing behind: whoever signs webhooks for an account of their own could have us keep a row for every number.
GRANT DELETE ON booking_look TO arrestra_app;
