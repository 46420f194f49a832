package dev.tinsmith.protocol;

/// What every refused request is answered with.
///
/// @param detail one sentence: what was asked, what is allowed, what to do. A value that a client
///   made too long to read is cut in the middle, so that the rule after it is still there
public record ErrorBody(String detail) {
    private static final int MOST = 1000;

    /// What is kept of a longer one at either end, in code points, each of two chars at most.
    private static final int HEAD = 200;

    private static final int TAIL = 300;

    public ErrorBody {
        detail = shortened(detail);
    }

    private static String shortened(String detail) {
        if (detail.length() <= MOST) {
            return detail;
        }
        return detail.substring(0, detail.offsetByCodePoints(0, HEAD))
                + " … "
                + detail.substring(detail.offsetByCodePoints(detail.length(), -TAIL));
    }
}
