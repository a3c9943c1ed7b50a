"""The pages for people: server-rendered, in Russian and English."""
