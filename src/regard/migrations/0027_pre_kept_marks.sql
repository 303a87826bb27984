-- What a connector notes by name beside its cursor, such as the files that are done: a row each, so that no batch has to
-- write all of them.
CREATE TABLE intake.kept_mark (
    source text NOT NULL REFERENCES sources.source (slug) ON UPDATE CASCADE ON DELETE CASCADE,
    stream text NOT NULL,
    name   text NOT NULL,
    mark   text NOT NULL,
    PRIMARY KEY (source, stream, name)
);

-- Places noted before keys that are values were masked: mailboxes, numbers and ids are nobody's field names. What of them
-- is a name is noted again by the next record that has it.
DELETE FROM intake.stream_place
WHERE place LIKE '%@%'
   OR place ~* '[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}'
   OR place ~ '[0-9]([-+. ()/]*[0-9]){4}'
   OR EXISTS (SELECT FROM unnest(string_to_array(place, '.')) AS w (step)
              WHERE length(step) > 60 OR length(regexp_replace(step, '[^[:digit:]]', '', 'g')) > 4);
