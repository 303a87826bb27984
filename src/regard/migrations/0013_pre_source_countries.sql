-- The country that the records of a source were read with: where sources.source says another, they are read anew.
CREATE TABLE identity.source_country (
    source  text PRIMARY KEY,
    country text NOT NULL
);
