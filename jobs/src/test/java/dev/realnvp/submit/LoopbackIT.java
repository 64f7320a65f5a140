package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Tag("nightly")
class LoopbackIT {

  private static final String PROGRAM = "dev.realnvp.jobs.ListeningSockets";

  /** 127.0.0.1, as IPv4 and as IPv6 write it in /proc/net. */
  private static final String LOOPBACK = "(0000000000000000FFFF0000)?0100007F:[0-9A-F]{4}";

  @TempDir Path temp;

  @Test
  @EnabledOnOs(OS.LINUX)
  void driverMasterWorkerAndExecutorListenOnThisMachineAlone() throws IOException {
    ScriptRun run =
        ScriptRun.of(
            temp,
            Map.of(),
            List.of(
                Checkout.original().resolve("submit/spark-submit").toString(),
                "--master",
                "local-cluster[1,1,2048]",
                "--conf",
                "spark.ui.enabled=true",
                "--conf",
                "spark.ui.port=0",
                "--class",
                PROGRAM,
                jar().toString()));
    assertThat(run.code()).as(run.err()).isZero();
    List<String> addresses =
        run.out().stream()
            .filter(line -> line.startsWith("listens at "))
            .map(line -> line.substring("listens at ".length()))
            .toList();
    assertThat(addresses).hasSizeGreaterThan(5).allMatch(address -> address.matches(LOOPBACK));
    assertThat(run.out()).anyMatch(line -> line.startsWith("user interface at http://"));
  }

  private Path jar() throws IOException {
    String entry = PROGRAM.replace('.', '/') + ".class";
    Path jar = temp.resolve("program.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      out.putNextEntry(new ZipEntry(entry));
      out.write(getClass().getClassLoader().getResourceAsStream(entry).readAllBytes());
    }
    return jar;
  }
}
