// Exists so that the precompiled header has something to belong to.
