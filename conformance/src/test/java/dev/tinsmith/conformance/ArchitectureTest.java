package dev.tinsmith.conformance;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import org.jspecify.annotations.NullMarked;

/// The floor plan, as a test.
@AnalyzeClasses(
        packages = "dev.tinsmith",
        importOptions = {
            ImportOption.DoNotIncludeTests.class,
            ArchitectureTest.NoGeneratedProtobuf.class
        })
class ArchitectureTest {

    /// What protoc writes is not held to our habits.
    static final class NoGeneratedProtobuf implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("/protocol/codec/Wire");
        }
    }

    @ArchTest
    static final ArchRule arrowsPointOneWay =
            Architectures.layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("cli")
                    .definedBy("dev.tinsmith.cli..")
                    .layer("server")
                    .definedBy("dev.tinsmith.server..")
                    .layer("torch")
                    .definedBy("dev.tinsmith.torch..")
                    .layer("models")
                    .definedBy("dev.tinsmith.models..")
                    .layer("engine")
                    .definedBy("dev.tinsmith.engine..")
                    .layer("protocol")
                    .definedBy("dev.tinsmith.protocol..")
                    .whereLayer("cli")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("server")
                    .mayOnlyBeAccessedByLayers("cli")
                    .whereLayer("torch")
                    .mayOnlyBeAccessedByLayers("cli")
                    .whereLayer("models")
                    .mayOnlyBeAccessedByLayers("server", "cli")
                    .whereLayer("engine")
                    .mayOnlyBeAccessedByLayers("models", "torch", "server", "cli")
                    .whereLayer("protocol")
                    .mayOnlyBeAccessedByLayers("server", "cli");

    /// A room may use the rooms below it, in this order, and none above.
    @ArchTest
    static final ArchRule requestsWalkDownThroughTheRooms =
            Architectures.layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("api")
                    .definedBy(
                            "dev.tinsmith.server.api..",
                            "dev.tinsmith.server.rest..",
                            "dev.tinsmith.server.wire..",
                            "dev.tinsmith.server.hub..")
                    .layer("http")
                    .definedBy("dev.tinsmith.server.http..")
                    .layer("auth")
                    .definedBy("dev.tinsmith.server.auth..")
                    .layer("visits")
                    .definedBy(
                            "dev.tinsmith.server.session..",
                            "dev.tinsmith.server.sampling..",
                            "dev.tinsmith.server.catalog..")
                    .layer("run")
                    .definedBy("dev.tinsmith.server.run..")
                    .layer("queue")
                    .definedBy("dev.tinsmith.server.queue..", "dev.tinsmith.server.lane..")
                    .layer("checkpoint")
                    .definedBy("dev.tinsmith.server.checkpoint..")
                    .layer("snapshot")
                    .definedBy("dev.tinsmith.server.snapshot..")
                    .layer("future")
                    .definedBy("dev.tinsmith.server.future..")
                    .layer("journal")
                    .definedBy("dev.tinsmith.server.journal..")
                    .whereLayer("api")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("http")
                    .mayOnlyBeAccessedByLayers("api")
                    .whereLayer("auth")
                    .mayOnlyBeAccessedByLayers("api")
                    .whereLayer("visits")
                    .mayOnlyBeAccessedByLayers("api", "auth")
                    .whereLayer("run")
                    .mayOnlyBeAccessedByLayers("api", "auth", "visits")
                    .whereLayer("queue")
                    .mayOnlyBeAccessedByLayers("api", "auth", "visits", "run")
                    .whereLayer("checkpoint")
                    .mayOnlyBeAccessedByLayers("api", "auth", "visits", "run", "queue")
                    .whereLayer("snapshot")
                    .mayOnlyBeAccessedByLayers("run", "queue")
                    .whereLayer("journal")
                    .mayOnlyBeAccessedByLayers("api", "run", "queue", "snapshot", "future");

    @ArchTest
    static final ArchRule libtorchStaysInTheTorchModule =
            only("dev.tinsmith.torch..").dependOnClassesThatResideIn("org.bytedeco..");

    @ArchTest
    static final ArchRule theHttpServerStaysInTwoRooms =
            noClasses()
                    .that(not(resideInAnyPackage("..server.http..", "..server.api..")))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..");

    @ArchTest
    static final ArchRule protobufStaysInTheCodec =
            only("dev.tinsmith.protocol.codec..")
                    .dependOnClassesThatResideIn("com.google.protobuf..");

    /// Where JSON is read and written: the wire, and files that others made or will read.
    @ArchTest
    static final ArchRule jsonHasItsRooms =
            noClasses()
                    .that(
                            not(
                                    resideInAnyPackage(
                                            "dev.tinsmith.protocol..",
                                            "dev.tinsmith.engine.format",
                                            "dev.tinsmith.models..",
                                            "dev.tinsmith.server.audit",
                                            "dev.tinsmith.server.checkpoint",
                                            "dev.tinsmith.server.database",
                                            "dev.tinsmith.cli..")))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("tools.jackson..");

    /// A room keeps its SQL in a table of its own.
    @ArchTest
    static final ArchRule theDatabaseHasItsRoomAndTables =
            noClasses()
                    .that(
                            not(resideInAPackage("dev.tinsmith.server.database"))
                                    .and(not(nameMatching(".*Table(\\$.*)?"))))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.jdbi..",
                            "java.sql..",
                            "org.sqlite..",
                            "com.zaxxer..",
                            "org.flywaydb..");

    @ArchTest
    static final ArchRule theTokenizerLibraryStaysInItsRoom =
            only("dev.tinsmith.models.tokenizer..").dependOnClassesThatResideIn("ai.djl..");

    @ArchTest
    static final ArchRule theCommandLineLibraryStaysInCli =
            only("dev.tinsmith.cli..").dependOnClassesThatResideIn("picocli..");

    @ArchTest
    static final ArchRule libtorchFunctionsAreNamedInOneFile =
            noClasses()
                    .that(not(resideInAPackage("dev.tinsmith.torch.ops")))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.bytedeco.pytorch.global..");

    @ArchTest
    static final ArchRule familiesDescribeAndDoNotCompute =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.tinsmith.torch.family..", "dev.tinsmith.torch.model..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onlyTheApiKnowsBothShapes =
            noClasses()
                    .that(
                            resideInAPackage("dev.tinsmith.server..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.tinsmith.server.api..",
                                                            "dev.tinsmith.server.rest..",
                                                            "dev.tinsmith.server.wire..",
                                                            "dev.tinsmith.server.hub..",
                                                            "dev.tinsmith.server.http.."))))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.tinsmith.protocol..");

    @ArchTest
    static final ArchRule onlyTheQueueHoldsTheEngine =
            noClasses()
                    .that(
                            resideInAPackage("dev.tinsmith.server..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.tinsmith.server",
                                                            "dev.tinsmith.server.queue..",
                                                            "dev.tinsmith.server.lane.."))))
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("dev.tinsmith.engine.Engine");

    @ArchTest
    static final ArchRule noRoomKnowsTheAssembly =
            noClasses()
                    .that()
                    .resideInAPackage("dev.tinsmith.server.*..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.tinsmith.server");

    @ArchTest
    static final ArchRule namesSaySomething =
            noClasses().should().haveNameMatching(".*(Impl|Manager|Util|Utils|Helper)$");

    @ArchTest
    static final ArchRule commandsAreOneFileEach =
            classes()
                    .that()
                    .areTopLevelClasses()
                    .and()
                    .areAnnotatedWith("picocli.CommandLine$Command")
                    .should()
                    .resideInAnyPackage("dev.tinsmith.cli", "dev.tinsmith.cli.commands");

    @ArchTest
    static final ArchRule roomsHaveNoCycles =
            slices().matching("dev.tinsmith.(**)").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses classes) {
        assertThat(classes)
                .extracting(JavaClass::getPackage)
                .allMatch(room -> room.isAnnotatedWith(NullMarked.class));
    }

    private static Wall only(String room) {
        return library ->
                noClasses()
                        .that(not(resideInAPackage(room)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library);
    }

    private interface Wall {
        ArchRule dependOnClassesThatResideIn(String library);
    }
}
