-- One row per group of pushed items, written in the transaction of the group itself: whoever lost the connection
-- during the commit learns from it whether the group is in. Rows are of use for minutes and dropped after a day.
CREATE TABLE intake.written_group (
    token uuid        PRIMARY KEY,
    at    timestamptz NOT NULL
);
CREATE INDEX written_group_by_time ON intake.written_group (at);
