package dev.tinsmith.cli.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What happened in one quickstart, as its events came in.
final class Story {
    /// The share by which the loss must fall.
    static final double ENOUGH = 0.25;

    private final List<Event.Step> steps = new ArrayList<>();
    private final List<Event.Answer> answers = new ArrayList<>();
    private final List<String> saved = new ArrayList<>();

    void add(Event event) {
        switch (event) {
            case Event.Step step -> steps.add(step);
            case Event.Answer answer -> answers.add(answer);
            case Event.Saved checkpoint -> saved.add(checkpoint.path());
            case Event.Remark _ -> {}
        }
    }

    List<Event.Step> steps() {
        return List.copyOf(steps);
    }

    List<Event.Answer> answers() {
        return List.copyOf(answers);
    }

    /// The last checkpoint that was saved.
    Optional<String> checkpoint() {
        return saved.isEmpty() ? Optional.empty() : Optional.of(saved.getLast());
    }

    /// The mean loss of the first steps, before they taught much.
    double firstLoss() {
        return mean(steps.subList(0, window()));
    }

    double lastLoss() {
        return mean(steps.subList(steps.size() - window(), steps.size()));
    }

    /// How far the loss fell, as a share of what it was.
    double fall() {
        return steps.isEmpty() ? 0 : 1 - lastLoss() / firstLoss();
    }

    boolean fellEnough() {
        return fall() >= ENOUGH;
    }

    long tokens() {
        return steps.stream().mapToLong(Event.Step::tokens).sum();
    }

    double seconds() {
        return steps.isEmpty() ? 0 : steps.getLast().seconds();
    }

    /// Steps differ in what they hold, so each end is a mean of a few.
    private int window() {
        return Math.max(1, steps.size() / 8);
    }

    private static double mean(List<Event.Step> steps) {
        return steps.stream().mapToDouble(Event.Step::loss).average().orElse(0);
    }
}
