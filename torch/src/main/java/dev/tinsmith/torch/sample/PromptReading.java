package dev.tinsmith.torch.sample;

/// Something that a request wants to know of the positions of its prompt.
interface PromptReading {

    /// The first position it reads; it reads all from there on.
    int first();

    /// Reads the next position.
    ///
    /// @param at its scores say what the token at `position` might have been
    void read(Position at, int position);
}
