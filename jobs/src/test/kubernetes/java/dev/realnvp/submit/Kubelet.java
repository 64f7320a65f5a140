package dev.realnvp.submit;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateTerminatedBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A cluster without machines: an API server, its name service, and the part of a node's agent,
 * which runs each pod's container as a process of this machine, out of an {@link Image}, and
 * reports how it is.
 */
final class Kubelet implements AutoCloseable {
  private static final String IP = "127.0.0.1";

  private final Path folder;
  private final Image image;
  private final Path hosts;
  private final KubernetesMockServer server = ApiServer.start();
  private final KubernetesClient client = server.createClient();
  private final Map<String, Process> processes = new ConcurrentHashMap<>();
  private final Map<String, Pod> pods = new ConcurrentHashMap<>();
  private final BlockingQueue<String> started = new LinkedBlockingQueue<>();

  /**
   * Starts them.
   *
   * @param folder for what the pods' volumes hold
   */
  Kubelet(Path folder, Image image) {
    this.folder = folder;
    this.image = image;
    hosts = folder.resolve("hosts");
    writeHosts();
    client
        .services()
        .inAnyNamespace()
        .inform(new Handler<>(service -> writeHosts(), service -> writeHosts()));
    client.pods().inAnyNamespace().inform(new Handler<>(this::start, this::stop));
  }

  /** What {@code --master} takes. */
  String master() {
    return "k8s://http://" + IP + ":" + server.getPort();
  }

  /** The name of the next pod, in the order in which they were started. */
  String nextStarted() throws InterruptedException {
    String name = started.poll(120, TimeUnit.SECONDS);
    if (name == null) {
      throw new IllegalStateException("No pod was asked for in 120 s");
    }
    return name;
  }

  /** As it was created. */
  Pod pod(String name) {
    return pods.get(name);
  }

  Process process(String name) {
    return processes.get(name);
  }

  KubernetesClient client() {
    return client;
  }

  private record Handler<T>(Consumer<T> added, Consumer<T> deleted)
      implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T added) {
      added().accept(added);
    }

    @Override
    public void onUpdate(T before, T after) {}

    @Override
    public void onDelete(T deleted, boolean unknown) {
      deleted().accept(deleted);
    }
  }

  /** What the cluster's name service says: all services are here. */
  private void writeHosts() {
    StringBuilder lines = new StringBuilder();
    for (Service service : client.services().inAnyNamespace().list().getItems()) {
      ObjectMeta it = service.getMetadata();
      lines.append("%s %s.%s.svc%n".formatted(IP, it.getName(), it.getNamespace()));
    }
    try {
      String here = InetAddress.getLocalHost().getHostName();
      Files.writeString(hosts, lines.append("%s localhost %s%n".formatted(IP, here)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stop(Pod pod) {
    Process process = processes.get(pod.getMetadata().getName());
    if (process != null) {
      process.destroy();
    }
  }

  private void start(Pod pod) {
    String name = pod.getMetadata().getName();
    pods.put(name, pod);
    try {
      Container container = pod.getSpec().getContainers().get(0);
      Map<String, String> mounts = mount(pod, container);
      Map<String, String> environment = new LinkedHashMap<>();
      for (EnvVar variable : container.getEnv()) {
        environment.put(variable.getName(), seen(mounts, value(pod, variable)));
      }
      environment.put("JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts);
      List<String> arguments = container.getArgs().stream().map(it -> seen(mounts, it)).toList();
      Process process =
          image
              .container(environment, arguments)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(name + ".log").toFile())
              .start();
      processes.put(name, process);
      report(pod, new PodStatusBuilder().withPhase("Running").withPodIP(IP), null);
      started.add(name);
      process.onExit().thenAccept(ended -> ended(pod, ended.exitValue()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ended(Pod pod, int code) {
    ContainerStateTerminated state =
        new ContainerStateTerminatedBuilder().withExitCode(code).build();
    report(
        pod,
        new PodStatusBuilder().withPhase(code == 0 ? "Succeeded" : "Failed").withPodIP(IP),
        state);
  }

  private synchronized void report(
      Pod pod, PodStatusBuilder status, ContainerStateTerminated terminated) {
    Container container = pod.getSpec().getContainers().get(0);
    status
        .addNewContainerStatus()
        .withName(container.getName())
        .withNewState()
        .withTerminated(terminated)
        .endState()
        .endContainerStatus();
    PodStatus reported = status.build();
    var there = client.pods().inNamespace(namespace(pod)).withName(pod.getMetadata().getName());
    if (there.get() != null) {
      there.editStatus(
          now -> {
            now.setStatus(reported);
            return now;
          });
    }
  }

  private static String namespace(Pod pod) {
    return pod.getMetadata().getNamespace();
  }

  private static String value(Pod pod, EnvVar variable) {
    if (variable.getValueFrom() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    return switch (variable.getValueFrom().getFieldRef().getFieldPath()) {
      case "status.podIP" -> IP;
      case "metadata.name" -> pod.getMetadata().getName();
      default -> throw new IllegalStateException("No such field is known: " + variable);
    };
  }

  /** Makes the volumes, each a folder. Where a process sees a path, that is the folder's. */
  private Map<String, String> mount(Pod pod, Container container) throws IOException {
    Map<String, String> mounts = new LinkedHashMap<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      Path volume = folder.resolve(pod.getMetadata().getName()).resolve(mount.getName());
      mounts.put(mount.getMountPath(), Files.createDirectories(volume).toString());
    }
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getConfigMap() != null) {
        Path to = folder.resolve(pod.getMetadata().getName()).resolve(volume.getName());
        ConfigMap map = configMap(pod, volume.getConfigMap().getName());
        for (KeyToPath item : volume.getConfigMap().getItems()) {
          String text = map.getData().get(item.getKey());
          Files.writeString(to.resolve(item.getPath()), seen(mounts, text));
        }
      } else if (volume.getEmptyDir() == null) {
        throw new IllegalStateException("No such volume is known: " + volume);
      }
    }
    return mounts;
  }

  /** Spark makes a driver's when its pod is there. */
  private ConfigMap configMap(Pod pod, String name) {
    return client
        .configMaps()
        .inNamespace(namespace(pod))
        .withName(name)
        .waitUntilCondition(Objects::nonNull, 60, TimeUnit.SECONDS);
  }

  private String seen(Map<String, String> mounts, String text) {
    String seen = text;
    for (Map.Entry<String, String> mount : mounts.entrySet()) {
      seen = seen.replace(mount.getKey(), mount.getValue());
    }
    return Image.inside(image.root(), seen);
  }

  @Override
  public void close() {
    for (Process process : processes.values()) {
      process.destroyForcibly().onExit().join();
    }
    client.close();
    server.destroy();
  }
}
