-- How much has been taken from what limits attempts. Times are microseconds since 1970 in UTC.

CREATE TABLE throttle (
    bucket     BYTEA  PRIMARY KEY, -- a keyed hash of an account, an address, a device
    full_at    BIGINT NOT NULL,    -- when it will be full again
    failures   BIGINT NOT NULL,    -- in a row
    expires_at BIGINT NOT NULL     -- when the row will say no more than none
);

CREATE INDEX throttle_expires_at ON throttle (expires_at);
