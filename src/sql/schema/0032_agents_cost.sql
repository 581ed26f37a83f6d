-- What the agents of each hour cost in US dollars, parallel to the other arrays; nothing for hours from before.
-- Safe to repeat: added only where it is missing.
ALTER TABLE agents_by_hour ADD COLUMN IF NOT EXISTS cost_usd Array(Float64) DEFAULT arrayWithConstant(length(agent), 0.)
