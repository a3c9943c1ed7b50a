-- A fifth level: the interval that the owner has set for a service.
ALTER TABLE client_due_dates
    DROP CONSTRAINT client_due_dates_interval_source_check,
    ADD CONSTRAINT client_due_dates_interval_source_check CHECK (interval_source IN
        ('personal', 'service_average', 'industry_standard', 'universal', 'own'));
ALTER TABLE client_reactivation_history
    DROP CONSTRAINT client_reactivation_history_interval_source_check,
    ADD CONSTRAINT client_reactivation_history_interval_source_check CHECK (interval_source IN
        ('personal', 'service_average', 'industry_standard', 'universal', 'own'));

-- Whom an own interval concerns; a list of services counts its clients by it.
CREATE INDEX client_due_dates_by_service ON client_due_dates (company_id, service_id);
