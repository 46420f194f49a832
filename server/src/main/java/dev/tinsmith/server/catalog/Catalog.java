package dev.tinsmith.server.catalog;

import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.SamplingSpec.StopText;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The base models that clients may train and sample, by the names they call them.
public final class Catalog {
    private static final System.Logger LOG = System.getLogger(Catalog.class.getName());

    private final SortedMap<String, Model> models;

    /// Offers `models`, and nothing else while this server lives.
    public Catalog(Collection<Model> models) {
        SortedMap<String, Model> byName = new TreeMap<>();
        models.forEach(model -> byName.put(model.name(), model));
        this.models = Collections.unmodifiableSortedMap(byName);
    }

    /// Offers what is installed now. A model whose tokenizer cannot tell where texts end is left
    /// out, and named in the log.
    public static Catalog of(ModelStore store) {
        return new Catalog(store.list().stream().flatMap(found -> model(found).stream()).toList());
    }

    private static Optional<Model> model(InstalledModel found) {
        try {
            return Optional.of(
                    new Model(
                            found.name(),
                            found.folder(),
                            found.architecture(),
                            found.maxContextLength(),
                            found.vocabulary(),
                            Tokenizer.endOfTextIds(found.folder()),
                            new LazyStops(found.folder())));
        } catch (FormatException damaged) {
            LOG.log(WARNING, "the model {0} is left out: {1}", found.name(), damaged.getMessage());
            return Optional.empty();
        }
    }

    /// Every model, in the order of their names.
    public List<Model> all() {
        return List.copyOf(models.values());
    }

    /// The model called `name`.
    ///
    /// @throws IllegalArgumentException if there is none; it names those there are
    public Model find(String name) {
        return maybe(name)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                models.isEmpty()
                                        ? "no base model is called '%s'; this server has none yet, its operator adds one with: tinsmith model add"
                                                .formatted(name)
                                        : "no base model is called '%s'; this server has %s"
                                                .formatted(
                                                        name, String.join(", ", models.keySet()))));
    }

    /// The model called `name`, if there is one.
    public Optional<Model> maybe(String name) {
        return Optional.ofNullable(models.get(name));
    }

    /// One base model.
    ///
    /// @param folder a Hugging Face folder: configuration, weights, tokenizer
    /// @param architecture as its configuration calls it
    /// @param context how many tokens it reads at once
    /// @param vocabulary how many tokens it knows
    /// @param ends the tokens that end a text
    /// @param stops finds where texts end; opened when first asked
    public record Model(
            String name,
            Path folder,
            String architecture,
            int context,
            int vocabulary,
            Set<Integer> ends,
            Stops stops) {
        public Model {
            ends = Set.copyOf(ends);
        }

        /// As the engine knows it.
        public Base base() {
            return new Base(name, folder);
        }

        /// Ends a sample with the token that completes one of `texts`.
        public StopText stops(List<String> texts) {
            return stops.at(texts);
        }
    }
}
