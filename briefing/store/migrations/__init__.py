"""The store's tables, step by step; `versions` has one file a step, which is never changed once it is published."""
