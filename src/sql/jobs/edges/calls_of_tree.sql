-- What may become an edge, one row per span (a temporary table), out of the tree: as calls_of_spans, where there is a tree already.
CREATE OR REPLACE TEMPORARY TABLE calls ENGINE = Memory AS
SELECT
    hour,
    weight,
    span,
    parent,
    parent_agent AS caller,
    agent AS callee,
    multiIf(destination_key != 0, destination_key, parent_kind = 1, parent_destination_key, 0) AS destination,
    error,
    end - start AS duration,
    parent != 0 AS queued,
    start - parent_start AS queue,
    parent = 0 OR parent_agent != agent OR (kind = 2 AND parent_kind = 1) AS answered,
    kind = 1 AND error AND destination_key != 0 AS failed,
    parent IN (SELECT span FROM tree WHERE kind = 1 AND error) AS parent_failed
FROM tree
WHERE answered OR failed OR parent_failed
