package dev.tinsmith.engine;

import java.nio.file.Path;

/// One thing a client asked of a training run.
///
/// The set is closed because the protocol closes it. Every `switch` over it is exhaustive and has
/// no `default`, so another kind of work does not compile until each room has said what it does
/// with it.
public sealed interface Work {

    /// The run this work belongs to.
    RunId run();

    /// Makes the run: a fresh adapter on `base`.
    record Open(RunId run, Base base, LoraSpec lora) implements Work {}

    /// Log-probabilities and loss; leaves no gradient behind.
    record Forward(RunId run, Batch batch, LossSpec loss) implements Work {}

    /// As [Forward], and adds to the run's gradients.
    record ForwardBackward(RunId run, Batch batch, LossSpec loss) implements Work {}

    /// Applies the run's gradients, then clears them. Without gradients they count as zero.
    record OptimStep(RunId run, AdamStep adam) implements Work {}

    /// Writes the run's adapter into an empty directory, as `engine.format` lays it out.
    record Save(RunId run, Path into, boolean withOptimizer) implements Work {}

    /// Replaces the run's adapter with what [Save] wrote, or makes the run from it if there is none
    /// yet; gradients are cleared. Without the optimizer its state starts anew.
    record Load(RunId run, Base base, Path from, boolean withOptimizer) implements Work {}

    /// Writes all of the run, gradients included, into an empty directory, for [Resume] of the same
    /// version and of nobody else. It is not forced to the disk.
    record Keep(RunId run, Path into) implements Work {}

    /// Makes the run from what [Keep] wrote: every bit of it is as it was.
    record Resume(RunId run, Base base, Path from) implements Work {}

    /// Forgets the run and frees what it holds.
    record Close(RunId run) implements Work {}
}
