-- The few customers of whom nothing is stated, to count them.
CREATE INDEX CONCURRENTLY profile_without_values ON profiles.profile (customer_id) WHERE golden = '{}';
