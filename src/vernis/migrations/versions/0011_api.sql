-- An inbox shows the dialogs in which something happened last.
CREATE INDEX dialogs_by_update ON dialogs (company_id, updated_at DESC, dialog_id DESC);
