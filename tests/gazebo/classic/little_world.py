"""A little world by hand: a floor, two robots face to face, a sliding leaf and a cabin."""

from __future__ import annotations

from building_ctrl.gazebo.world_port import BodyDrive, Drives, JointDrive


def _robot(name: str, x_m: float, yaw_rad: float) -> str:
    wheels = "".join(
        f"""
        <link name="wheel_{side}"><pose>0 {y} 0.1 0 0 0</pose>
          <inertial><mass>2</mass><inertia><ixx>0.01</ixx><iyy>0.01</iyy><izz>0.01</izz></inertia></inertial>
          <collision name="c"><geometry><sphere><radius>0.1</radius></sphere></geometry></collision>
        </link>
        <joint name="wheel_{side}_joint" type="revolute"><parent>base</parent><child>wheel_{side}</child>
          <axis><xyz>0 1 0</xyz></axis></joint>"""
        for side, y in (("left", 0.2), ("right", -0.2))
    )
    casters = "".join(
        f"""<collision name="caster_{x}"><pose>{x} 0 0.0505 0 0 0</pose>
          <geometry><sphere><radius>0.05</radius></sphere></geometry>
          <surface><friction><ode><mu>0</mu><mu2>0</mu2></ode></friction></surface></collision>"""
        for x in (0.2, -0.2)
    )
    return f"""<model name="{name}"><pose>{x_m} 0 0 0 0 {yaw_rad}</pose>
      <link name="base">
        <inertial><pose>0 0 0.15 0 0 0</pose><mass>36</mass>
          <inertia><ixx>1</ixx><iyy>1</iyy><izz>2</izz></inertia></inertial>
        <collision name="body"><pose>0 0 0.25 0 0 0</pose>
          <geometry><cylinder><radius>0.3</radius><length>0.4</length></cylinder></geometry></collision>
        {casters}
      </link>{wheels}
    </model>"""


def _slider(name: str, x_m: float, y_m: float, axis: str, upper: float) -> str:
    return f"""<model name="{name}"><pose>{x_m} {y_m} 1 0 0 0</pose>
      <link name="leaf"><gravity>0</gravity>
        <inertial><mass>20</mass><inertia><ixx>1</ixx><iyy>1</iyy><izz>1</izz></inertia></inertial>
        <collision name="c"><geometry><box><size>1 0.05 1</size></box></geometry></collision></link>
      <joint name="leaf_joint" type="prismatic"><parent>world</parent><child>leaf</child>
        <axis><xyz>{axis}</xyz><limit><lower>0</lower><upper>{upper}</upper></limit></axis></joint>
    </model>"""


def little_world() -> str:
    """SDF 1.6."""
    return f"""<?xml version="1.0"?>
<sdf version="1.6"><world name="little">
  <physics type="ode"><max_step_size>0.004</max_step_size><real_time_update_rate>250</real_time_update_rate></physics>
  <model name="floor"><static>1</static><link name="floor"><collision name="c"><pose>0 0 -0.5 0 0 0</pose>
    <geometry><box><size>40 40 1</size></box></geometry></collision></link></model>
  {_robot("left", -2.0, 0.0)}
  {_robot("right", 2.0, 3.14159265)}
  {_slider("door", 0.0, 5.0, "1 0 0", 1.0)}
  {_slider("lift", 0.0, -5.0, "0 0 1", 6.0)}
  <plugin name="building_ctrl" filename="libbuilding_ctrl_gazebo.so"/>
</world></sdf>
"""


def little_drives() -> Drives:
    """Drives of the little world: robots left and right; joints door and lift."""
    bodies = tuple(BodyDrive(name, "wheel_left_joint", "wheel_right_joint", 0.1, 0.4) for name in ("left", "right"))
    return Drives(bodies, (JointDrive("door", "leaf_joint", 150.0), JointDrive("lift", "leaf_joint", 20000.0)))
