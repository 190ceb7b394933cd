// What the token simulation writes; it has no translation of its own, so that these are put in after it.

export default {
  'Token Simulation': '令牌模拟',
  'Toggle Simulation Log': '模拟记录',
  'Simulation Log': '模拟记录',
  'Reset Simulation': '重新开始模拟',
  'Play/Pause Simulation': '继续或者暂停模拟',
  'Play Simulation': '继续模拟',
  'Pause Simulation': '暂停模拟',
  'Set Sequence Flow': '选择流出线',
  'Trigger Event': '触发',
  'Add pause point': '设暂停点',
  'Remove pause point': '取消暂停点',
  'No Entries': '暂无记录',
  'Finished': '已结束',
  'Not supported': '不能模拟',
  'Found unsupported elements': '图中有不能模拟的元素',
  'Close': '关闭',
  'Set animation speed = Slow': '速度：慢',
  'Set animation speed = Normal': '速度：正常',
  'Set animation speed = Fast': '速度：快',
};
