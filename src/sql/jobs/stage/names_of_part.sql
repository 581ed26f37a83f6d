-- Adds the names of this part of the build, one row per name.
INSERT INTO names
SELECT DISTINCT sipHash64(name)::UInt64, name
FROM
(
    SELECT service::String AS name FROM spans GROUP BY service
    UNION ALL
    SELECT s.name::String FROM spans AS s GROUP BY s.name
    UNION ALL
    SELECT agent::String FROM spans GROUP BY agent
    UNION ALL
    SELECT destination::String FROM spans GROUP BY destination
)
