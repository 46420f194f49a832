package dev.tinsmith.torch.ops;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// The best speed of products of given shapes, for `bench/roofline.sh`: reads what
/// `bench/roofline.py shapes` prints, and puts behind each the best seconds and how it was
/// multiplied.
final class ProductSpeed {
    private static final double LEAST_SECONDS = 0.03;
    private static final int RUNS = 5;

    private ProductSpeed() {}

    public static void main(String[] arguments) throws IOException {
        Library.start(Integer.getInteger("threads", 0), Dtype.BF16);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            long[] sizes = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
            try (Scope _ = Scope.open()) {
                System.out.println(line + " " + best(ways(words[0], sizes)));
            }
        }
    }

    private static Map<String, Supplier<Tensor>> ways(String kind, long... sizes) {
        return switch (kind) {
            case "rows" -> rows(sizes[0], sizes[1], sizes[2]);
            case "sum" -> sums(sizes[0], sizes[1], sizes[2]);
            default -> batches(kind, sizes[0], sizes[1], sizes[2], sizes[3]);
        };
    }

    private static Map<String, Supplier<Tensor>> rows(long rows, long in, long out) {
        Tensor x = random(rows, in);
        Tensor turned = random(out, in);
        Tensor plain = turned.t().contiguous();
        Tensor packed = Ops.pack(turned);
        Tensor y = random(rows, out);
        return new TreeMap<>(
                Map.of(
                        "packed", () -> Ops.timesPacked(x, packed),
                        "turned", () -> into(y, x, turned.t()),
                        "plain", () -> into(y, x, plain)));
    }

    private static Map<String, Supplier<Tensor>> sums(long rows, long in, long out) {
        Tensor x = random(rows, in);
        Tensor dy = random(rows, out);
        Tensor sum = random(in, out);
        Tensor turned = random(out, in);
        return new TreeMap<>(
                Map.of(
                        "plain", () -> into(sum, x.t(), dy),
                        "turned", () -> into(turned, dy.t(), x)));
    }

    private static Map<String, Supplier<Tensor>> batches(
            String kind, long m, long k, long n, long count) {
        Tensor x =
                kind.equals("batcht") ? random(count, k, m).transpose(1, 2) : random(count, m, k);
        Tensor plain = random(count, k, n);
        Tensor turned = random(count, n, k).transpose(1, 2);
        return new TreeMap<>(
                Map.of(
                        "plain", () -> Ops.bmm(x, plain),
                        "turned", () -> Ops.bmm(x, turned)));
    }

    private static Tensor into(Tensor out, Tensor a, Tensor b) {
        Ops.mmInto(out, a, b);
        return out;
    }

    /// Of five runs of some calls each, the best mean.
    private static String best(Map<String, Supplier<Tensor>> ways) {
        double least = Double.POSITIVE_INFINITY;
        String fastest = "";
        for (Map.Entry<String, Supplier<Tensor>> way : ways.entrySet()) {
            time(way.getValue(), 1);
            int calls = (int) Math.max(1, LEAST_SECONDS / time(way.getValue(), 1));
            for (int run = 0; run < RUNS; run++) {
                double seconds = time(way.getValue(), calls);
                if (seconds < least) {
                    least = seconds;
                    fastest = way.getKey();
                }
            }
        }
        return "%.9f %s".formatted(least, fastest);
    }

    private static double time(Supplier<Tensor> product, int calls) {
        long start = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            try (Scope _ = Scope.open()) {
                Tensor _ = product.get();
            }
        }
        return (System.nanoTime() - start) * 1e-9 / calls;
    }

    private static Tensor random(long... shape) {
        Tensor x = Ops.empty(Dtype.F32, shape);
        x.normal_();
        return Ops.to(x, Dtype.BF16);
    }
}
