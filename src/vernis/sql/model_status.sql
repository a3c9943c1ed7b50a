-- name: fallbacks
-- How the messages of some days came about that a language model was asked for.
SELECT message_fallback, count(*) FROM client_reactivation_history
WHERE company_id = :company_id AND plan_on BETWEEN :first_day AND :last_day
  AND (message_model IS NOT NULL OR message_fallback IS NOT NULL)
GROUP BY message_fallback ORDER BY count(*) DESC, message_fallback;

-- name: ill
-- The models whose last request failed, and how. A new key is another row of the same name.
SELECT name, outcome FROM (
    SELECT DISTINCT ON (name) name, outcome, outcome_at FROM model_status
    WHERE outcome <> 'untried' ORDER BY name, outcome_at DESC) AS last
WHERE outcome <> 'works' AND outcome_at > clock_timestamp() - interval '7 days'
ORDER BY outcome_at DESC;

-- name: spent
-- In this company-local month, millionths of a US dollar.
SELECT micro_usd FROM model_spending
WHERE company_id = :company_id
  AND month = date_trunc('month', clock_timestamp() AT TIME ZONE :timezone)::date;
