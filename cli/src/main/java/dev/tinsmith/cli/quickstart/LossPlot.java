package dev.tinsmith.cli.quickstart;

import java.util.List;
import java.util.Locale;

/// A falling loss, drawn: in text for a terminal, as SVG for a page.
final class LossPlot {
    private static final int ROWS = 8;
    private static final int COLUMNS = 60;
    private static final int WIDTH = 720;
    private static final int HEIGHT = 280;
    private static final int MARGIN = 44;

    private final List<Event.Step> steps;
    private final double most;

    LossPlot(List<Event.Step> steps) {
        this.steps = List.copyOf(steps);
        this.most = steps.stream().mapToDouble(Event.Step::loss).max().orElse(1);
    }

    /// From 0 to the largest loss, a column for each step or for several.
    String text() {
        int columns = Math.min(COLUMNS, steps.size());
        StringBuilder plot = new StringBuilder();
        for (int row = ROWS; row > 0; row--) {
            double floor = most * (row - 1) / ROWS;
            plot.append(String.format(Locale.ROOT, "  %5.2f ┤", most * row / ROWS));
            for (int column = 0; column < columns; column++) {
                double loss = at(column, columns);
                boolean whole = loss >= floor + most / ROWS / 2;
                plot.append(whole ? '█' : loss > floor ? '▄' : ' ');
            }
            plot.append('\n');
        }
        return plot.append("        └")
                .append("─".repeat(columns))
                .append(
                        String.format(
                                Locale.ROOT,
                                "%n         loss per token, step 1 to %d%n",
                                steps.size()))
                .toString();
    }

    private double at(int column, int columns) {
        return steps.get(column * steps.size() / columns).loss();
    }

    String svg() {
        StringBuilder line = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (Event.Step step : steps) {
            String point = String.format(Locale.ROOT, "%.1f,%.1f", x(step.step()), y(step.loss()));
            line.append(point).append(' ');
            dots.append(
                    String.format(
                            Locale.ROOT,
                            "<circle cx='%.1f' cy='%.1f' r='3'><title>step %d: %.4f</title></circle>",
                            x(step.step()),
                            y(step.loss()),
                            step.step(),
                            step.loss()));
        }
        return "<svg viewBox='0 0 %d %d' role='img' aria-label='loss by step'>%s<polyline points='%s'/>%s</svg>"
                .formatted(WIDTH, HEIGHT, axes(), line.toString().strip(), dots);
    }

    private String axes() {
        StringBuilder axes = new StringBuilder();
        for (int tick = 0; tick <= 4; tick++) {
            double loss = most * tick / 4;
            axes.append(
                    String.format(
                            Locale.ROOT,
                            "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f'/><text x='%d' y='%.1f' text-anchor='end'>%.2f</text>",
                            MARGIN,
                            WIDTH - 8,
                            y(loss),
                            y(loss),
                            MARGIN - 6,
                            y(loss) + 4,
                            loss));
        }
        return axes.append(
                        "<text x='%d' y='%d' text-anchor='middle'>optimizer step</text>"
                                .formatted(WIDTH / 2, HEIGHT - 6))
                .toString();
    }

    private double x(int step) {
        return MARGIN + (WIDTH - 8.0 - MARGIN) * (step - 1) / Math.max(1, steps.size() - 1);
    }

    private double y(double loss) {
        return HEIGHT - 28 - (HEIGHT - 40.0) * loss / most;
    }
}
