-- Takes all rows of spans that are stored more than once out of the staged spans (a temporary table, private to one run).
ALTER TABLE spans DELETE WHERE span IN (SELECT span FROM duplicates)
