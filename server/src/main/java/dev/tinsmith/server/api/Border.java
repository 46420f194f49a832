package dev.tinsmith.server.api;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.Training;
import dev.tinsmith.protocol.codec.Canonical;
import dev.tinsmith.protocol.codec.Results;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.run.NewRun;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.wire.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Wire → engine and back, for training. What cannot cross is refused with its place, its value and
/// the rule.
final class Border {
    private static final String TARGETS = "target_tokens";

    private Border() {}

    /// @param fresh gives the seed of a client that chose none
    static LoraSpec lora(Models.LoraConfig config, Supplier<Long> fresh) {
        return checked(
                "lora_config",
                () ->
                        new LoraSpec(
                                config.rank().orElse(32),
                                config.seed().map(seed -> seed.value()).orElseGet(fresh),
                                config.trainAttn().orElse(true),
                                config.trainMlp().orElse(true),
                                config.trainUnembed().orElse(true)));
    }

    /// Lets AdamW pass, which takes no settings of its own here.
    static void optimizer(Optional<Models.OptimizerConfig> config) {
        Models.OptimizerConfig asked = config.orElse(Models.OptimizerConfig.ADAMW);
        if (!asked.type().equals("adamw")) {
            throw Refusal.bad(
                    "optimizer_config.type is '%s'; this server has adamw".formatted(asked.type()));
        }
        if (!asked.settings().isEmpty()) {
            throw Refusal.bad(
                    "optimizer_config has the settings %s, which adamw does not know here; send adam_params with optim_step"
                            .formatted(asked.settings()));
        }
    }

    static AdamStep adam(Training.OptimStep asked) {
        if (asked.optimizerParams().isPresent()) {
            throw Refusal.bad(
                    "optimizer_params belong to other optimizers; this run's is adamw, so send adam_params");
        }
        Training.AdamParams params = asked.adamParams().orElse(Training.AdamParams.DEFAULT);
        return checked(
                "adam_params",
                () ->
                        new AdamStep(
                                params.learningRate(),
                                params.beta1().orElse(0.9),
                                params.beta2().orElse(0.95),
                                params.eps().orElse(1e-12),
                                params.weightDecay().orElse(0.0),
                                params.gradClipNorm().orElse(0.0)));
    }

    static LossSpec loss(Training.ForwardBackward pass) {
        SortedMap<String, Double> config = new TreeMap<>();
        pass.lossFnConfig()
                .forEach((name, setting) ->
                        config.put(
                                name,
                                switch (setting) {
                                    case Training.Setting.Amount amount -> amount.value();
                                    case Training.Setting.Text text ->
                                            throw Refusal.bad(
                                                    "loss_fn_config['%s'] is '%s'; it must be a number"
                                                            .formatted(name, text.value()));
                                }));
        return new LossSpec(pass.lossFn(), config);
    }

    /// @param vocabulary how many tokens the base knows
    /// @param context how many tokens it reads at once
    static Batch batch(Training.ForwardBackward pass, int vocabulary, int context) {
        boolean own = pass.lossFn().equals(LossSpec.CUSTOM);
        List<Batch.Datum> data = new ArrayList<>();
        for (int i = 0; i < pass.data().size(); i++) {
            Batch.Datum datum =
                    datum("data[%d]".formatted(i), pass.data().get(i), vocabulary, context, own);
            data.add(datum);
        }
        if (data.isEmpty()) {
            throw Refusal.bad("data is empty; it must hold at least one datum");
        }
        return new Batch(data);
    }

    /// @param own whether the loss is the client's own, which reads whatever it was created for
    private static Batch.Datum datum(
            String place, Datum datum, int vocabulary, int context, boolean own) {
        String input = place + ".model_input";
        Tokens tokens = tokens(input, datum.modelInput(), vocabulary);
        if (tokens.length() == 0) {
            throw Refusal.bad(input + " is empty; it must hold at least one token");
        }
        if (tokens.length() > context) {
            throw Refusal.bad(
                    "%s has %d tokens; this model reads at most %d"
                            .formatted(input, tokens.length(), context));
        }
        TensorData targets =
                Optional.ofNullable(datum.lossFnInputs().get(TARGETS))
                        .orElseThrow(() ->
                                Refusal.bad(
                                        "%s is missing; every loss needs it"
                                                .formatted(named(place, TARGETS))));
        if (targets.columns() > vocabulary) {
            throw Refusal.bad(
                    "%s has %d columns; this model knows %d tokens, so that many at most"
                            .formatted(named(place, TARGETS), targets.columns(), vocabulary));
        }
        rows(named(place, TARGETS), targets, tokens.length(), targets.columns());
        SortedMap<String, Floats> others = new TreeMap<>();
        datum.lossFnInputs()
                .forEach((name, values) -> {
                    if (!name.equals(TARGETS) && !own) {
                        rows(named(place, name), values, tokens.length(), targets.columns());
                        others.put(name, floats(values));
                    }
                });
        return checked(
                place,
                () ->
                        new Batch.Datum(
                                tokens,
                                targets(named(place, TARGETS), targets, vocabulary),
                                targets.columns(),
                                others,
                                own ? Graphs.tables(datum) : new TreeMap<>()));
    }

    /// The text of `input`, its chunks joined.
    static Tokens tokens(String place, ModelInput input, int vocabulary) {
        List<int[]> parts = new ArrayList<>();
        for (int i = 0; i < input.chunks().size(); i++) {
            parts.add(text("%s.chunks[%d]".formatted(place, i), input.chunks().get(i)));
        }
        int[] all = parts.stream().flatMapToInt(Arrays::stream).toArray();
        for (int i = 0; i < all.length; i++) {
            inside("%s token %d".formatted(place, i), all[i], vocabulary);
        }
        return Tokens.of(all);
    }

    private static int[] text(String place, ModelInput.Chunk chunk) {
        return switch (chunk) {
            case ModelInput.EncodedText text -> text.tokens().toArray();
            case ModelInput.Image _, ModelInput.ImageAssetPointer _, ModelInput.Dmel _ ->
                    throw Refusal.bad(
                            "%s is of the type '%s'; the models of this server read encoded_text only"
                                    .formatted(place, chunk.kind()));
        };
    }

    private static Tokens targets(String place, TensorData targets, int vocabulary) {
        int[] ids = new int[targets.length()];
        for (int i = 0; i < ids.length; i++) {
            double id = targets.at(i);
            if (id != Math.rint(id)) {
                throw Refusal.bad(
                        "%s holds %s at %d; it must hold token ids".formatted(place, id, i));
            }
            inside("%s value %d".formatted(place, i), id, vocabulary);
            ids[i] = (int) id;
        }
        return Tokens.of(ids);
    }

    private static void inside(String place, double id, int vocabulary) {
        if (!(id >= 0 && id < vocabulary)) {
            throw Refusal.bad(
                    "%s is %.0f; the vocabulary of this model has the ids 0 to %d"
                            .formatted(place, id, vocabulary - 1));
        }
    }

    private static void rows(String place, TensorData values, int rows, int columns) {
        if (values.rows() != rows || (values.shape().size() == 2 && values.columns() != columns)) {
            throw Refusal.bad(
                    "%s has the shape %s; model_input has %d tokens, so it must be %s"
                            .formatted(
                                    place,
                                    values.shape(),
                                    rows,
                                    columns == 1
                                            ? List.of(rows)
                                            : "%s or %s"
                                                    .formatted(
                                                            List.of(rows),
                                                            List.of(rows, columns))));
        }
    }

    private static Floats floats(TensorData values) {
        float[] floats = new float[values.length()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.at(i);
        }
        return Floats.of(floats);
    }

    private static String named(String place, String input) {
        return "%s.loss_fn_inputs['%s']".formatted(place, input);
    }

    /// What `make` makes; a rule that the engine's own words enforce is said with its place.
    static <T> T checked(String place, Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException rule) {
            throw Refusal.bad("%s: %s".formatted(place, rule.getMessage()));
        }
    }

    /// The name of a promise, as the client wrote it.
    static FutureId future(String text) {
        return checked("request_id", () -> new FutureId(text));
    }

    /// The base model that the client wrote into `field`.
    static Catalog.Model base(Catalog catalog, String field, String name) {
        return checked(field, () -> catalog.find(name));
    }

    static NewRun run(
            Owner owner,
            SessionId session,
            long number,
            Canonical request,
            Base base,
            LoraSpec lora,
            Metadata metadata) {
        return Names.said(() ->
                new NewRun(
                        owner, session, number, request.sha256(), base, lora, metadata.values()));
    }

    /// @param positions see [#positions]
    static byte[] passed(Outcome.Passed passed, List<List<Integer>> positions) {
        List<Results.Row> rows = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            Floats logprobs = passed.logprobs().get(i);
            rows.add(new Results.Row(positions.get(i), logprobs::toArray));
        }
        return Results.passed(rows, passed.metrics());
    }

    /// The shape of what each datum of a pass has per position, as the client sent its targets.
    static List<List<Integer>> positions(Training.ForwardBackward pass) {
        return pass.data().stream()
                .map(datum -> Optional.ofNullable(datum.lossFnInputs().get(TARGETS)))
                .map(targets ->
                        targets.map(table -> table.shape().subList(1, table.shape().size()))
                                .orElse(List.of()))
                .toList();
    }
}
