-- What /readyz and /metrics count over all companies: times, states and numbers of rows, nothing of
-- a client. Each count has an index of its own, so that a scrape reads a day's rows and not all.
GRANT SELECT (account_id, message_sent_at, response_at, booking_created_at, message_fallback)
    ON client_reactivation_history TO vernis_dispatcher;
CREATE INDEX reactivations_sent ON client_reactivation_history (message_sent_at)
    INCLUDE (company_id, account_id, state, message_fallback) WHERE message_sent_at IS NOT NULL;
CREATE INDEX reactivations_replied ON client_reactivation_history (response_at)
    INCLUDE (company_id) WHERE response_at IS NOT NULL;
CREATE INDEX reactivations_booked ON client_reactivation_history (booking_created_at)
    INCLUDE (company_id) WHERE booking_created_at IS NOT NULL;
CREATE INDEX reactivations_unknown ON client_reactivation_history (company_id)
    WHERE state = 'unknown';
CREATE INDEX messages_unknown ON messages (company_id) WHERE state = 'unknown';

GRANT SELECT (connection) ON accounts TO vernis_dispatcher;

GRANT SELECT (connected_at) ON crm_connections TO vernis_dispatcher;
GRANT SELECT (company_id, entity, succeeded_at) ON crm_syncs TO vernis_dispatcher;
CREATE POLICY dispatch ON crm_syncs FOR SELECT TO vernis_dispatcher USING (true);

GRANT SELECT (company_id, plan_on, planned_at) ON plans TO vernis_dispatcher;
CREATE POLICY dispatch ON plans FOR SELECT TO vernis_dispatcher USING (true);
CREATE INDEX plans_by_time ON plans (planned_at);

GRANT SELECT (company_id, month, requests, micro_usd) ON model_spending TO vernis_dispatcher;
CREATE POLICY dispatch ON model_spending FOR SELECT TO vernis_dispatcher USING (true);
CREATE INDEX model_spending_by_month ON model_spending (month) INCLUDE (requests, micro_usd);

GRANT SELECT (name, outcome, outcome_at, failures, paused_until) ON model_status
    TO vernis_dispatcher;
