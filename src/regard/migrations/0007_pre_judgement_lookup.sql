-- Judgements are looked up by the records they are about, at every customer that is opened.
CREATE INDEX judgement_by_left ON identity.judgement USING gin (left_records);
CREATE INDEX judgement_by_right ON identity.judgement USING gin (right_records);
