-- Pairs of records on which it is close: they are one customer, or are not, by little. Follows from the records.
CREATE TABLE identity.doubt (
    left_record  uuid NOT NULL,            -- the smaller id
    right_record uuid NOT NULL,
    bits         double precision NOT NULL, -- log odds that these two are one customer
    together     boolean NOT NULL,         -- they are one now
    reason       text NOT NULL,            -- torn, near_miss, weak_join
    risk         real NOT NULL,            -- how probable it is that the decision is wrong
    PRIMARY KEY (left_record, right_record)
);
CREATE INDEX doubt_by_risk ON identity.doubt (risk DESC, left_record, right_record);

-- What data stewards do; no projection.
CREATE SCHEMA stewardship;
-- Doubts that somebody put off.
CREATE TABLE stewardship.postponed (
    left_record  uuid NOT NULL,
    right_record uuid NOT NULL,
    until        timestamptz NOT NULL,
    by           text NOT NULL,
    PRIMARY KEY (left_record, right_record)
);
