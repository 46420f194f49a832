package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FormatException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Settings of PEFT that two factors a module cannot say, each refused by its name. A setting that
/// nobody here has heard of must be switched off, since it may change what the adapter computes.
final class Unsayable {
    private static final String MERGE =
            "merge the adapter into its base with PEFT and add that with `tinsmith model add`";
    private static final String TRAIN = "train a plain LoRA adapter, or " + MERGE;

    private static final List<Rule> RULES =
            List.of(
                    new Rule("peft_type", oneOf("LORA"), "only LoRA adapters come in; " + MERGE),
                    new Rule(
                            "task_type",
                            oneOf("CAUSAL_LM"),
                            "only language models are trained here; take an adapter of one"),
                    new Rule("bias", oneOf("none"), "biases are not trained here; " + TRAIN),
                    new Rule(
                            "init_lora_weights",
                            oneOf("true", "false", "gaussian", "eva", "orthogonal"),
                            "it may have changed the base too; save it again with path_initial_model_for_weight_conversion, which makes a plain adapter of it"),
                    off("use_dora", "DoRA's magnitudes are not trained here; " + TRAIN),
                    off("lora_bias", "biases are not trained here; " + TRAIN),
                    off("use_qalora", "QALoRA pools its inputs; " + TRAIN),
                    off("use_bdlora", "its factors are in blocks; " + TRAIN),
                    off("fan_in_fan_out", "the models here store their weights the other way"),
                    off("ensure_weight_tying", "it ties factors to the input embedding; " + TRAIN),
                    off("modules_to_save", "whole modules are not trained here; " + TRAIN),
                    off("trainable_token_indices", "embeddings are not trained here; " + TRAIN),
                    off("target_parameters", "only whole projections are adapted here; " + TRAIN),
                    off("layer_replication", "its base has other layers; " + MERGE),
                    off("alora_invocation_tokens", "it is switched on by tokens; " + TRAIN),
                    off("loftq_config", "LoftQ changed the base too; " + MERGE),
                    off("corda_config", "CorDA changed the base too; " + MERGE),
                    off("lora_ga_config", "LoRA-GA changed the base too; " + MERGE),
                    off("kasa_config", "KaSA changed the base too; " + MERGE),
                    off("monteclora_config", "it draws its factors at random; " + TRAIN),
                    off("velora_config", "it was trained with other products; " + TRAIN),
                    off("arrow_config", "it is a mixture of adapters; import them one by one"),
                    off("megatron_config", "its factors are in parts; save them for PEFT first"));

    /// Settings that are honoured, and those that say nothing of what is computed.
    private static final Set<String> KNOWN =
            Set.of(
                    AdapterConfig.OWN,
                    "alpha_pattern",
                    "auto_mapping",
                    "base_model_name_or_path",
                    "eva_config",
                    "exclude_modules",
                    "inference_mode",
                    "layers_pattern",
                    "layers_to_transform",
                    "lora_alpha",
                    "lora_dropout",
                    "megatron_core",
                    "peft_version",
                    "qalora_group_size",
                    "r",
                    "rank_pattern",
                    "revision",
                    "target_modules",
                    "use_rslora");

    private static final Set<String> RULED =
            RULES.stream().map(Rule::key).collect(Collectors.toUnmodifiableSet());

    private Unsayable() {}

    private record Rule(String key, Predicate<JsonNode> fits, String why) {}

    private static Rule off(String key, String why) {
        return new Rule(key, Unsayable::isOff, why);
    }

    private static Predicate<JsonNode> oneOf(String... words) {
        return value -> List.of(words).contains(value.asString(""));
    }

    /// Absent, null, false or empty.
    private static boolean isOff(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (!value.isValueNode() && value.isEmpty());
    }

    /// @throws FormatException for the first setting that cannot be said
    static void check(ObjectNode config) {
        for (Rule rule : RULES) {
            JsonNode value = config.path(rule.key());
            if (!value.isMissingNode() && !value.isNull() && !rule.fits().test(value)) {
                throw refused(rule.key(), value, rule.why());
            }
        }
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            String key = entry.getKey();
            if (!KNOWN.contains(key) && !RULED.contains(key) && !isOff(entry.getValue())) {
                throw refused(
                        key,
                        entry.getValue(),
                        "it is not known here and may change what is computed; " + MERGE);
            }
        }
    }

    private static FormatException refused(String key, JsonNode value, String why) {
        return new FormatException(
                "%s says %s is %s; %s".formatted(AdapterConfig.FILE, key, value, why));
    }
}
