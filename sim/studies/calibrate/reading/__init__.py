"""Files become rows: what each column and word means, and when things were."""
