-- What the sweep asks once a minute about all companies, answered from indexes alone.
CREATE INDEX companies_by_morning ON companies (timezone, planned_on, plan_at)
    INCLUDE (company_id);
CREATE INDEX companies_by_computation ON companies (computed_on) INCLUDE (company_id);

DROP INDEX reactivations_to_do;
CREATE INDEX reactivations_to_do ON client_reactivation_history (state, company_id, send_after)
    INCLUDE (claimed_at) WHERE state IN ('planned', 'written', 'claimed');

DROP INDEX messages_to_send;
CREATE INDEX messages_to_send ON messages (state, company_id)
    INCLUDE (claimed_at) WHERE state IN ('written', 'claimed');
